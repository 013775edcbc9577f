const MAX_NAME = 200;

/** A file's name for people: no folders, no control characters, no direction marks. */
export function cleanName(filename: string): string {
  const name = filename.split(/[/\\]/).at(-1) ?? '';
  return name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').slice(0, MAX_NAME) || 'upload';
}
