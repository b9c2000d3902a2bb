import type { CallFilter, CallRecord, Counters } from './calls.ts';
import type { Fault } from './faults.ts';
import type { SimulatedProvider } from './operations.ts';
import type { Plans } from './plans.ts';
import type { StoredObject } from './storage.ts';
import type { WeatherPlan } from './weather.ts';
import type { SimulatedJob } from './world.ts';

/** The methods of a simulator in another process; each throws where the simulator refuses or is gone. */
export class SimulatorAdmin {
  readonly #root: string;

  /** Takes the simulator's URL without a path. */
  constructor(url: string) {
    this.#root = `${url.replace(/\/$/, '')}/_simulator`;
  }

  /** Resolves where the simulator answers. */
  async health(): Promise<void> {
    await this.#ask('GET', '/health');
  }

  /** As {@link Simulator.calls}. */
  async calls(filter: CallFilter = {}): Promise<CallRecord[]> {
    return (await this.#ask('GET', `/calls?${new URLSearchParams({ ...filter }).toString()}`)) as CallRecord[];
  }

  /** As {@link Simulator.counters}. */
  async counters(): Promise<Counters> {
    return (await this.#ask('GET', '/counters')) as Counters;
  }

  /** As {@link Simulator.jobs}. */
  async jobs(provider?: SimulatedProvider): Promise<SimulatedJob[]> {
    return (await this.#ask('GET', `/jobs${providerQuery(provider)}`)) as SimulatedJob[];
  }

  /** As {@link Simulator.objects}. */
  async objects(provider?: SimulatedProvider): Promise<StoredObject[]> {
    return (await this.#ask('GET', `/objects${providerQuery(provider)}`)) as StoredObject[];
  }

  /** As {@link Simulator.addFault}. */
  async addFault(fault: Fault): Promise<string> {
    return ((await this.#ask('POST', '/faults', fault)) as { id: string }).id;
  }

  /** As {@link Simulator.release}. */
  async release(faultId: string): Promise<boolean> {
    const path = `/faults/${encodeURIComponent(faultId)}/release`;
    return ((await this.#ask('POST', path)) as { released: boolean }).released;
  }

  /** As {@link Simulator.clearFaults}. */
  async clearFaults(): Promise<void> {
    await this.#ask('DELETE', '/faults');
  }

  /** As {@link Simulator.setWeather}. */
  async setWeather(weather: WeatherPlan | null): Promise<void> {
    await (weather === null ? this.#ask('DELETE', '/weather') : this.#ask('PUT', '/weather', weather));
  }

  /** As {@link Simulator.setPlan}. */
  async setPlan<P extends SimulatedProvider>(provider: P, plan: Plans[P]): Promise<void> {
    await this.#ask('POST', '/plans', { provider, plan });
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.#root}${path}`, { method, ...(body === undefined ? {} : json) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulator answered ${String(response.status)}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function providerQuery(provider: SimulatedProvider | undefined): string {
  return provider === undefined ? '' : `?provider=${provider}`;
}
