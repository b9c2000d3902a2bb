import type { CallFilter, CallRecord, Counters } from './calls.ts';
import type { Fault } from './faults.ts';
import type { SimulatedProvider } from './operations.ts';
import type { Plans } from './plans.ts';
import type { StoredObject } from './storage.ts';
import type { WeatherPlan } from './weather.ts';
import type { SimulatedJob } from './world.ts';

/** What tests and people see of a simulator and do to it; also over HTTP, below `/_simulator`. */
export interface SimulatorControl {
  /** Every call to a provider or its storage, in order of arrival. */
  calls(filter?: CallFilter): CallRecord[];
  counters(): Counters;
  /** Every job with its status now. */
  jobs(provider?: SimulatedProvider): SimulatedJob[];
  /** Every stored object, each TwelveLabs part its own. */
  objects(provider?: SimulatedProvider): StoredObject[];
  /** Puts a fault in force and gives its id; throws a ZodError where its shape is wrong. */
  addFault(fault: Fault): string;
  /** Ends one fault; calls that it holds go on. Says whether it existed. */
  release(faultId: string): boolean;
  clearFaults(): void;
  /** Draws faults by chance from now on, or no more; throws a ZodError where the shape is wrong. */
  setWeather(weather: WeatherPlan | null): void;
  /** Sets how the next jobs, or one, behave; throws a ZodError where its shape is wrong. */
  setPlan<P extends SimulatedProvider>(provider: P, plan: Plans[P]): void;
}
