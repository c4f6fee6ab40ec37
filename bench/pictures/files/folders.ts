import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { InputError, reasonOf } from '../../running/inputError.js';

/** Something in a folder; links are what they lead to. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  /** `nothing`: a link that leads nowhere or to where one may not look, a pipe, a device. */
  readonly is: 'file' | 'folder' | 'nothing';
}

/** What lies in a folder, in the order of the names; hidden files and folders do not exist. */
export function entriesOf(folder: string, what: string): Entry[] {
  if (!isFolder(folder)) throw new InputError(`${folder} is missing: it should hold ${what}.`);
  try {
    return readdirSync(folder)
      .filter((name) => !isHidden(name))
      .sort()
      .map((name) => ({ name, path: join(folder, name), is: kindOf(join(folder, name)) }));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** False where there is nothing or a file; an error where one may not look. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw unreadable(path, error);
  }
}

/** What macOS, Windows, Jupyter and version control leave behind. */
function isHidden(name: string): boolean {
  return name.startsWith('.') || ['__macosx', 'thumbs.db', 'desktop.ini'].includes(name.toLowerCase());
}

function kindOf(path: string): Entry['is'] {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'nothing';
  } catch {
    return 'nothing';
  }
}

/** The ending of a file in lower case, such as `.png`. */
export const endingOf = (name: string): string => extname(name).toLowerCase();

export function unreadable(path: string, error: unknown): InputError {
  return new InputError(`${path} cannot be read: ${reasonOf(error)}.`);
}

/** Some names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
