/** What the transport knows of a request beside its body: who brings which credentials, from where. Pure. */
import type { IncomingMessage } from "node:http";
import type { RequestFacts } from "@trueline/server";

/** Of `Authorization: Bearer …`; undefined when there is none. */
export function bearerOf(request: IncomingMessage): string | undefined {
  const match = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? "");
  return match?.[1];
}

export function requestFacts(request: IncomingMessage, trustedProxies: number): RequestFacts {
  return { address: clientAddress(request, trustedProxies), headers: request.headers };
}

/** Each trusted proxy appends the address it saw; whatever stands left of theirs was made up by the client. */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = request.socket.remoteAddress ?? "unknown";
  if (trustedProxies === 0) return direct;
  const forwarded = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
  return forwarded.at(-trustedProxies) ?? forwarded[0] ?? direct;
}

/** The path of a request, without its query. */
export function pathOf(url: string | undefined): string {
  const target = url ?? "/";
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}
