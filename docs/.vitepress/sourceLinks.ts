/** `repository` of a package.json. */
export type Repository = string | { readonly url: string; readonly directory?: string } | undefined;

/** `github:owner/name`, `https://…/owner/name.git`, `git@host:owner/name.git` and their like; a bare `owner/name` is GitHub's. */
const forms =
  /^(?:(?<short>github|gitlab):|(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/]+@)?(?<host>[^/:]+)(?::\d+)?\/|[^@/:]+@(?<scp>[^/:]+):)?(?<path>[^/:@]+(?:\/[^/:@]+)+)$/;

/** Where a host shows a file of the newest commit of its default branch. */
const hosts: Readonly<Record<string, string>> = {
  'github.com': 'blob/HEAD',
  'gitlab.com': '-/blob/HEAD',
};

/** The address of a line of a file, or undefined where there is no repository yet, or none whose addresses are known. */
export function sourceAddress(repository: Repository, file: string, line: number): string | undefined {
  const { url, directory = '' } = typeof repository === 'object' ? repository : { url: repository ?? '' };
  const found = forms.exec(url.replace(/(?:\.git)?\/?$/, ''))?.groups;
  if (found === undefined) return undefined;
  const { short, host: named, scp, path } = found;
  const host = named ?? scp ?? `${short ?? 'github'}.com`;
  const way = hosts[host];
  if (way === undefined) return undefined;
  const place = [directory, file]
    .filter(Boolean)
    .join('/')
    .replace(/\/{2,}/g, '/');
  return `https://${host}/${path}/${way}/${place}#L${line}`;
}

/** The line below the heading of a page of the reference; `source` is a file of src/ with its line, as in `ssim/ssim.ts:12`. */
export function whereLine(door: string, source: string | undefined, repository: Repository): string {
  const [file, line] = source?.split(':') ?? [];
  const address = line === undefined ? undefined : sourceAddress(repository, `src/${file}`, Number(line));
  const code = `<code>src/${source}</code>`;
  const place = address === undefined ? code : `<a href="${address}">${code}</a>`;
  return `<p class="where">From <code>${door}</code>${source === undefined ? '' : `, defined in ${place}`}</p>`;
}
