import { ConfigError } from './environment.ts';

/**
 * Puts a password that was given apart from its address, as stores of secrets give them, where drivers look for it.
 * @param name of the address without `_URL`, for errors
 * @throws ConfigError where there are two passwords, neither of which it names
 */
export function withPassword(name: string, address: string, password: string | undefined): string {
  if (password === undefined) return address;
  if (!URL.canParse(address)) throw new ConfigError(`${name}_PASSWORD: cannot be put into a malformed ${name}_URL`);
  const url = new URL(address);
  if (url.password) throw new ConfigError(`${name}_PASSWORD: ${name}_URL holds a password already`);
  url.password = encodeURIComponent(password);
  return url.href;
}
