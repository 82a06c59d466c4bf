import { namingOperation } from './public-error';

/** What this library uses of a client of the SDK. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<unknown>, context: { readonly commandName?: string }) => (args: never) => Promise<never>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void;
  };
}

/** The client, whose errors know the operation that they came from: their messages, which say more, may not be shown. */
export function naming<C>(client: C): C {
  (client as Client).middlewareStack.add((next, { commandName = 'a call' }) => async args =>
    await namingOperation(commandName.replace(/Command$/, ''), next(args)) as never, { step: 'initialize', name: 'namesOperation' });
  return client;
}
