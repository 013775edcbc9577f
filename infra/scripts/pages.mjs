// Lays the pages out for the distribution: what a page is made of goes below assets/ with its content's hash in its name, so
// that browsers may keep it for ever; pages keep their names and point to it.
//   node infra/scripts/pages.mjs web FOLDER
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

const [from, to] = process.argv.slice(2);
if (!from || !to) {
  console.error('pages.mjs FROM TO');
  process.exit(2);
}
const files = readdirSync(from, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(join(from, '/').length));
const isPage = (file) => file.endsWith('.html');
// A build that hashes names itself puts its files there.
const isNamed = (file) => file.startsWith('assets/');

const written = files
  .filter(isPage)
  .map((file) => readFileSync(join(from, file), 'utf8'))
  .join('\n');

/** New address by old one, of files that pages name. */
const moved = new Map(
  files
    .filter((file) => !isPage(file) && !isNamed(file) && written.includes(`"/${file}"`))
    .map((file) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(from, file)))
        .digest('hex')
        .slice(0, 16);
      const { dir, name, ext } = parse(file);
      return [`/${file}`, `/${join('assets', dir, `${name}-${hash}${ext}`)}`];
    }),
);

for (const file of files) {
  const target = join(to, moved.get(`/${file}`) ?? file);
  mkdirSync(dirname(target), { recursive: true });
  if (!isPage(file)) copyFileSync(join(from, file), target);
  else
    writeFileSync(
      target,
      readFileSync(join(from, file), 'utf8').replace(/\b(src|href)="([^"]+)"/g, (whole, attribute, address) =>
        moved.has(address) ? `${attribute}="${moved.get(address)}"` : whole,
      ),
    );
}
console.log(`${files.length} files, ${moved.size} named by content`);
