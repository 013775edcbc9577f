import { MalformedAnswerError } from './signal-source.ts';

/** The value of a JSON text. @throws MalformedAnswerError */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswerError('the answer is no JSON');
  }
}
