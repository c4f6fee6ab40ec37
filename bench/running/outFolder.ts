import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError, reasonOf } from './inputError.js';

/** The folder of `--out`, made and tried out before anything long begins: it takes a file of so many bytes. */
export function outFolder(folder: string, bytes: number): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new InputError(`--out: ${folder} cannot be used as a folder: ${reasonOf(error)}.`);
  }
  const trial = join(folder, `.trial-${process.pid}`);
  try {
    readdirSync(folder);
    const file = openSync(trial, 'w');
    try {
      writeFileSync(file, Buffer.alloc(bytes, 1));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new InputError(`--out: nothing can be written to ${folder}: ${reasonOf(error)}.`);
  } finally {
    rmSync(trial, { force: true });
  }
  return folder;
}

/** Writes a file beside its place and moves it there: what was there before stays whole until then. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const beside = `${file}.new`;
  try {
    writeFileSync(beside, content);
    renameSync(beside, file);
  } catch (error) {
    // On a full disk a part of it lies there.
    rmSync(beside, { force: true, recursive: true });
    throw new InputError(`${file} cannot be written: ${reasonOf(error)}.`);
  }
}

/** What an earlier run has written; undefined if there is nothing, or nothing that can be read. */
export function earlier(file: string): Buffer | undefined {
  try {
    // Devices and pipes may have no end.
    return statSync(file).isFile() ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** What a file is to this run: its own, or of no use to anybody, or somebody else's. */
export type Owner = 'mine' | 'nobody' | 'other';

/** `stem`, or `stem-2`, `stem-3` … : the first place where nothing of another run would be overwritten. */
export function placeFor(stem: string, endings: readonly string[], ownerOf: (stem: string) => Owner): string {
  for (let k = 1; ; k++) {
    const place = k === 1 ? stem : `${stem}-${k}`;
    if (!endings.some((ending) => existsSync(place + ending)) || ownerOf(place) !== 'other') return place;
  }
}
