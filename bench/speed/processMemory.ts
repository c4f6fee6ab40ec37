import { readFileSync, writeFileSync } from 'node:fs';

/** KiB of a process, from Linux: now, or at most since the peak began anew. */
export function memoryOf(pid: number | 'self', name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
}

/** Lets the peak of a process begin anew, and gives its memory now. */
export function startPeak(pid: number | 'self'): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return memoryOf(pid, 'VmRSS');
}
