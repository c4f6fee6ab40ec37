import { MultiBar } from 'cli-progress';

/** How far a training, or the test after it, is. */
export type Progress =
  | {
      readonly kind: 'step';
      readonly step: number;
      /** A running mean. */
      readonly loss: number;
      /** The steps that an earlier run had made. */
      readonly resumedAt: number;
    }
  | { readonly kind: 'tested'; readonly pictures: number }
  /** Something could not be written; the run goes on. */
  | { readonly kind: 'unwritten'; readonly text: string };

/** A progress bar for each of several trainings; where there is no terminal, a line for each every so many seconds. */
export function progressBars(everySeconds: number): MultiBar {
  return new MultiBar({
    format: '{name} {bar} {value}/{total} steps · loss {loss} · {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1000 * everySeconds,
    autopadding: true,
    forceRedraw: true,
  });
}

/** Seconds in words. */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
