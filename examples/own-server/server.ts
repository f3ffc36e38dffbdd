// Trueline in a plain HTTP server of one's own, with one's own accounts.
// Run it in this repository: npm run example:own-server
import { createServer } from "node:http";
import { createGateway } from "@trueline/gateway";

/** Whoever the shop signed in: its session tokens, and whom they stand for. */
const customers = new Map([
  ["token-of-grace", { id: "customer-1", name: "Grace", email: "grace@shop.example" }],
  ["token-of-alan", { id: "customer-2", name: "Alan", email: "alan@shop.example" }],
]);

const server = createServer((request, response) => {
  response.end(`The shop's own page at ${request.url}`);
});

const gateway = createGateway({
  store: { directory: process.env.DATA ?? ".trueline" },
  accounts: { verify: (token) => (token === undefined ? undefined : customers.get(token)) },
});
gateway.attach(server);
await gateway.ready;

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log(server.address()));
process.once("SIGTERM", async () => {
  await gateway.close();
  server.close();
});
