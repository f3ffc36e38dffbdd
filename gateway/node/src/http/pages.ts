/** The pages of @trueline/web: hashed assets for ever, everything else fresh. Serves files of that folder and nothing else. */
import { existsSync, globSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { Logger } from "@trueline/server";
import { webRoot } from "@trueline/web";
import type { FastifyInstance } from "fastify";

export interface Pages {
  /** Paths that are pages or assets. */
  readonly paths: ReadonlySet<string>;
  register(app: FastifyInstance): void;
}

export const noPages: Pages = { paths: new Set(), register: () => undefined };

export function findPages(logger: Logger): Pages {
  if (!existsSync(join(webRoot, "index.html"))) {
    logger.warn({ folder: webRoot }, `The pages are not built: ${howToBuild}`);
    return { paths: new Set(["/"]), register: (app) => registerUnbuilt(app) };
  }
  const files = globSync("**/*", { cwd: webRoot }).filter((file) => statSync(join(webRoot, file)).isFile());
  return {
    paths: new Set(["/", ...files.map((file) => `/${file.split(sep).join("/")}`)]),
    register: (app) => {
      app.register(fastifyStatic, {
        root: webRoot,
        wildcard: false,
        cacheControl: false,
        setHeaders: (reply, path) => reply.header("cache-control", cacheControl(path)),
      });
    },
  };
}

/** Vite puts what has a hash in its name into `assets`. */
const cacheControl = (path: string): string =>
  path.includes(`${sep}assets${sep}`) ? "public, max-age=31536000, immutable" : "no-cache";

const howToBuild = "run `npm run build -w @trueline/web`, then start again. The API works without them.";

function registerUnbuilt(app: FastifyInstance): void {
  const page = `<!doctype html><meta charset="utf-8"><title>Trueline</title><h1>Trueline is running</h1><p>Its pages are not built: ${howToBuild}</p>`;
  app.get("/", (_request, reply) => reply.code(503).type("text/html; charset=utf-8").send(page));
}
