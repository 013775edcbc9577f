import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { UnreadableFileError } from '../../csv/file-kind.ts';

/** What is told of an XML document; names without their prefix. */
export interface XmlEvents {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Reads a part of a workbook piece by piece; after each piece `afterPiece` may hand on what it held. Entities beyond XML's
 * own are never expanded, and a document that declares any is refused.
 * @throws UnreadableFileError when it is no sound XML
 */
export async function* readXml<T>(part: Readable, events: XmlEvents, afterPiece: () => T): AsyncGenerator<T> {
  const parser = new SaxesParser<{ xmlns?: false }>({ xmlns: false });
  let failure: Error | null = null;
  parser.on('error', (error) => (failure ??= error));
  parser.on('doctype', () => (failure ??= new Error('it declares a document type')));
  parser.on('opentag', ({ name, attributes }) => events.open?.(localName(name), attributes));
  parser.on('text', (text) => events.text?.(text));
  parser.on('cdata', (text) => events.text?.(text));
  parser.on('closetag', ({ name }) => events.close?.(localName(name)));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of part) {
      parser.write(decoder.decode(chunk as Buffer, { stream: true }));
      if (failure) throw failure as Error;
      yield afterPiece();
    }
    parser.write(decoder.decode()).close();
    if (failure) throw failure as Error;
    yield afterPiece();
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    throw new UnreadableFileError('FILE_CORRUPT', `file: the workbook is damaged (${(error as Error).message})`);
  } finally {
    part.destroy();
  }
}

/** Reads a whole part. @throws UnreadableFileError */
export async function readWholeXml(part: Readable, events: XmlEvents): Promise<void> {
  for await (const _ of readXml(part, events, () => undefined)) void _;
}
