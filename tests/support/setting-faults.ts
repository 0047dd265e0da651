import { ConfigError, loadSettings } from '../../shared/config/load.ts';

/** What is wrong with these settings; empty: nothing. */
export function settingFaults(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadSettings(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}
