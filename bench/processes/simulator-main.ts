// The simulator in a process of its own, which alone knows what arrived at the provider.
import { startSimulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { answerParent } from './child.ts';

const simulator = await startSimulator(JSON.parse(process.env['SIMULATOR_OPTIONS'] ?? '{}') as SimulatorOptions);
const { url, baseUrls, keys } = simulator;
answerParent({}, { url, baseUrls, keys });
