// The least that the TypeScript SDK can be: one tool. `typescript_minimal.mjs PORT`.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

const input = z.object({ registry: z.string(), package_name: z.string(), catalog_host: z.string() });

function server() {
  const mcp = new McpServer({ name: 'minimal', version: '1' });
  mcp.registerTool('catalog_uri', { description: 'Make a Quilt+ URI.', inputSchema: input }, async (given) => {
    const { registry, package_name, catalog_host } = given;
    const result = {
      success: true,
      quilt_plus_uri: `quilt+s3://${registry}#package=${package_name}&catalog=${catalog_host}`,
      bucket: registry,
      package_name,
      catalog_host,
    };
    return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
  });
  return mcp;
}

const handle = toNodeHandler(createMcpHandler(server));
createServer((request, response) => handle(request, response)).listen(Number(process.argv[2]), '127.0.0.1');
