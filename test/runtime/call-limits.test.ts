import { AddressInfo, createServer, Server, Socket } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { limitedTo } from '../../src/runtime/call-limits';

let server: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = createServer(socket => { sockets.push(socket); });
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
});

afterAll(() => {
  sockets.forEach(socket => socket.destroy());
  server.close();
});

test('a Region that takes calls and answers none keeps nobody waiting: the call fails, as often as it is tried', async () => {
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    ...limitedTo({ attempts: 2, connection: 500, answer: 100 }),
  });
  await expect(client.send(new ListTablesCommand())).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 2 } });
  client.destroy();
});
