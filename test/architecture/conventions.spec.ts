import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { sourceFiles } from './source-files.ts';

const sources = sourceFiles(['src', 'migrations', 'test', 'bench', 'infra']);
const product = sources.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.spec.ts'));
const offending = (test: (file: { path: string; text: string }) => boolean, files = sources) =>
  files.filter(test).map(({ path }) => path);

describe('conventions', () => {
  it('sees the sources it judges', () => {
    expect(product.length).toBeGreaterThan(100);
  });

  it('keeps files under 400 lines', () => {
    expect(offending(({ text }) => text.split('\n').length > 401)).toEqual([]);
  });

  it('has no folder or file without a meaning of its own', () => {
    expect(offending(({ path }) => /(^|\/)(utils?|helpers?|commons?|misc|shared)(\/|\.)/.test(path))).toEqual([]);
  });

  it('reads the environment in platform/config alone', () => {
    const readers = offending(
      ({ path, text }) => /process\.env\b/.test(text) && !path.startsWith('src/platform/config/'),
      product,
    );
    // The plain-JavaScript start runs before anything is built and hands the environment on untouched.
    expect(readers.filter((path) => path !== 'src/bootstrap.mjs')).toEqual([]);
  });

  it('passes time and randomness into the engine', () => {
    const engine = product.filter(({ path }) => path.startsWith('src/engine/'));
    expect(
      offending(({ text }) => /\b(Math\.random|Date\.now|new Date\(\)|performance\.now|process\.)/.test(text), engine),
    ).toEqual([]);
  });

  it('leaves no loose ends', () => {
    const loose = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', '\\.sk' + 'ip\\(', '@ts-ig' + 'nore', 'eslint-dis' + 'able', 'as a' + 'ny\\b'].join(
        '|',
      ),
    );
    expect(offending(({ text }) => loose.test(text))).toEqual([]);
  });

  it('names every class of the API once, since the reference knows them by name', () => {
    const names = sources.flatMap(({ text }) =>
      [...text.matchAll(/^export class (\w+Dto)\b/gm)].map(([, name]) => name),
    );
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('builds no SQL from template values other than fixed fragments', () => {
    // A `${…}` inside a query is allowed only for names written in capitals (constants of the file) or fragments that
    // the file itself builds from bound placeholders.
    const unsafe = /\.query(<[^(]*>)?\(\s*`[^`]*\$\{(?:request|query|body|params|dto|input|payload)\b/;
    expect(offending(({ text }) => unsafe.test(text), product)).toEqual([]);
  });

  it('numbers migrations by time and names them verb-noun', () => {
    const names = readdirSync('migrations');
    expect(names.filter((name) => !/^\d{13}-[a-z]+(-[a-z0-9]+)+\.ts$/.test(name))).toEqual([]);
    expect([...names].sort()).toEqual(names);
  });

  it('writes entities with one-way relations', () => {
    expect(
      offending(({ path, text }) => path.endsWith('.entity.ts') && /@(OneToMany|ManyToMany)\(/.test(text)),
    ).toEqual([]);
  });
});
