// Writes the tables of inputs and outputs into each module's README from its variables and outputs.
//   node infra/scripts/docs.mjs            writes
//   node infra/scripts/docs.mjs --check    names what is out of date or undescribed, and fails
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { infraFolder } from './terraform.mjs';

const BEGIN = '<!-- made by scripts/docs.mjs from here -->';
const END = '<!-- to here -->';

/** Blocks of a kind (`variable "x" { … }`) with name and body; the files are formatted, so that a block ends with `}` alone. */
function blocks(text, kind) {
  return [...text.matchAll(new RegExp(`^${kind} "([^"]+)" \\{\\n([\\s\\S]*?)^\\}`, 'gm'))].map(([, name, body]) => ({
    name,
    body,
  }));
}

/** Text of an attribute of a block, over as many lines as its brackets stay open; null where it is not set. */
function attribute(body, key) {
  const start = body.match(new RegExp(`^  ${key}\\s+= `, 'm'));
  if (!start) return null;
  const taken = [];
  let depth = 0;
  for (const line of body.slice(start.index + start[0].length).split('\n')) {
    taken.push(line.trim());
    depth += (line.match(/[[({]/g) ?? []).length - (line.match(/[\])}]/g) ?? []).length;
    if (depth <= 0) break;
  }
  return taken.join(' ');
}

const unquoted = (text) => text?.replace(/^"|"$/g, '').replaceAll('\\"', '"') ?? '';
const cell = (text) => text.replaceAll('|', '\\|');

/** What is wrong with a module's variables and outputs. */
function undescribed(folder, variables, outputs) {
  return [
    ...variables
      .filter(({ body }) => !attribute(body, 'type'))
      .map(({ name }) => `${folder}: variable ${name} has no type`),
    ...[...variables, ...outputs]
      .filter(({ body }) => unquoted(attribute(body, 'description')).length < 5)
      .map(({ name }) => `${folder}: ${name} has no description`),
  ];
}

function tables(variables, outputs) {
  const inputRow = ({ name, body }) => {
    const fallback = attribute(body, 'default');
    const type = attribute(body, 'type').replace(/\s+/g, ' ');
    return `| \`${name}\` | ${cell(unquoted(attribute(body, 'description')))} | \`${cell(type)}\` | ${fallback === null ? 'required' : `\`${cell(fallback)}\``} |`;
  };
  const outputRow = ({ name, body }) => `| \`${name}\` | ${cell(unquoted(attribute(body, 'description')))} |`;
  return [
    BEGIN,
    '',
    '## Inputs',
    '',
    '| name | what | type | default |',
    '|---|---|---|---|',
    ...variables.map(inputRow),
    '',
    '## Outputs',
    '',
    '| name | what |',
    '|---|---|',
    ...outputs.map(outputRow),
    '',
    END,
  ].join('\n');
}

const folders = [
  ...readdirSync(join(infraFolder, 'modules')).map((name) => join('modules', name)),
  'stack',
  'bootstrap',
];
const check = process.argv.includes('--check');
const problems = [];
for (const folder of folders) {
  const read = (file) => readFileSync(join(infraFolder, folder, file), 'utf8');
  const variables = blocks(read('variables.tf'), 'variable');
  const outputs = blocks(read('outputs.tf'), 'output');
  problems.push(...undescribed(folder, variables, outputs));
  const file = join(infraFolder, folder, 'README.md');
  if (!existsSync(file)) {
    problems.push(`${folder}: has no README.md`);
    continue;
  }
  const before = readFileSync(file, 'utf8');
  const prose = before.includes(BEGIN) ? before.slice(0, before.indexOf(BEGIN)) : `${before.trimEnd()}\n\n`;
  const after = `${prose}${tables(variables, outputs)}\n`;
  if (after === before) continue;
  if (check) problems.push(`${folder}/README.md is out of date: node infra/scripts/docs.mjs`);
  else writeFileSync(file, after);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
