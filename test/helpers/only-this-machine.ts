import { Socket } from 'node:net';

/** Tests talk to this machine only: a call that nobody mocked fails its suite, whatever the code under test makes of the error. */
const elsewhere = new Set<string>();

type Connect = (this: Socket, ...given: unknown[]) => Socket;
const { connect } = Socket.prototype as unknown as { connect: Connect };

beforeAll(() => {
  (Socket.prototype as unknown as { connect: Connect }).connect = function (...given) {
    const [target] = given.flat() as { host?: string; path?: string }[];
    const host = target?.host ?? 'localhost';
    if (!target?.path && !['localhost', '127.0.0.1', '::1'].includes(host)) {
      elsewhere.add(host);
      queueMicrotask(() => this.destroy(new Error(`a test would talk to ${host}`)));
      return this;
    }
    return connect.apply(this, given);
  };
});

afterAll(() => {
  (Socket.prototype as unknown as { connect: Connect }).connect = connect;
  expect([...elsewhere]).toEqual([]);
});
