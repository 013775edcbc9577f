/** Category names by code: the known ones where they were, the others after them in alphabetical order. */
export function categoryCodes(names: readonly string[], known: readonly string[]): string[] {
  const fresh = [...new Set(names)].filter((name) => !known.includes(name)).sort();
  return [...known, ...fresh];
}
