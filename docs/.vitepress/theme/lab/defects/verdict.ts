import { connectedRegions, segment, thresholdAtFalseAlarmRate } from '../../../../../src/arrays.js';
import type { Region } from '../../../../../src/arrays.js';
import type { Judged, Learnt } from './messages.js';

export interface Verdict {
  readonly defective: boolean;
  readonly mask: Uint8Array;
  /** The highest score first. */
  readonly regions: readonly Region[];
}

/** The rates that so many held-back pictures can promise: 1 / (n + 1), 2 / (n + 1) … up to a half. */
export const ratesOf = (count: number): number[] =>
  Array.from({ length: Math.max(1, Math.floor((count + 1) / 2)) }, (_, k) => (k + 1) / (count + 1));

export const thresholdOf = ({ scores }: Learnt, rate: number): number =>
  thresholdAtFalseAlarmRate([...scores], rate);

/**
 * What the detector would say at this threshold, out of the map that it made: its regions above the threshold of pixels that reach
 * that of pictures. So the rate acts at once, without another look at the pictures.
 */
export function verdictOf({ map, score }: Judged, threshold: number, pixelThreshold: number): Verdict {
  const { data, height, width } = map;
  const mask = new Uint8Array(data.length);
  if (!(score > threshold)) return { defective: false, mask, regions: [] };
  const size = { height, width };
  const certain = segment(data, { ...size, threshold });
  const wide = segment(data, { ...size, threshold: Math.min(threshold, pixelThreshold) });
  const { labels, regions } = connectedRegions(wide, { ...size, scores: data });
  const holds = new Uint8Array(regions.length + 1);
  labels.forEach((label, k) => {
    if (certain[k] === 1) holds[label] = 1;
  });
  labels.forEach((label, k) => {
    mask[k] = label > 0 ? holds[label]! : 0;
  });
  return {
    defective: true,
    mask,
    regions: regions.filter((_, k) => holds[k + 1] === 1).sort((a, b) => b.score! - a.score!),
  };
}
