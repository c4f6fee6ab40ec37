import { MultiBar } from 'cli-progress';
import type { Options } from 'cli-progress';

/** A progress bar for each of several trainings; where there is no terminal, a line for each every so many seconds. */
export function progressBars(everySeconds: number, more: Options = {}): MultiBar {
  return new MultiBar({
    format: '{name} {bar} {value}/{total} steps · loss {loss} · {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1000 * everySeconds,
    autopadding: true,
    ...more,
  });
}

/** Seconds in words. */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
