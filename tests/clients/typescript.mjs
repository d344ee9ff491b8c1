// The official TypeScript client, driven by one JSON document on the command line:
//   {"url": .., "token": ..} or {"command": [..], "env": {..}}, "era": "legacy" | "auto" | "<version>", "calls": [[tool, arguments], ..]
// It prints one JSON document: the server, the version they agreed on, the tools' names, and an outcome for each call.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const script = JSON.parse(process.argv[2]);
const transport = script.url
  ? new StreamableHTTPClientTransport(new URL(script.url), {
      requestInit: script.token ? { headers: { Authorization: `Bearer ${script.token}` } } : {},
    })
  : new StdioClientTransport({ command: script.command[0], args: script.command.slice(1), env: script.env, stderr: 'ignore' });
const mode = ['legacy', 'auto'].includes(script.era) ? script.era : { pin: script.era };
const client = new Client({ name: 'quilt-tests', version: '0' }, { versionNegotiation: { mode } });

const outcome = {};
try {
  await client.connect(transport);
  outcome.server = client.getServerVersion()?.name;
  outcome.version = client.getNegotiatedProtocolVersion();
  outcome.tools = (await client.listTools()).tools.map((tool) => tool.name);
  outcome.calls = [];
  for (const [name, args] of script.calls) {
    // Whether the client checks results is its own affair: the test holds each to the output schema.
    outcome.calls.push(await client.callTool({ name, arguments: args }).catch((error) => ({ thrown: String(error) })));
  }
} catch (error) {
  outcome.refused = String(error);
}
await client.close();
console.log(JSON.stringify(outcome));
