import { defineConfig } from "vitest/config";

const conditions = ["trueline-source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{kit,scripts,probe,cli,gateway/*,migrate/*,examples/*,bench}/test/**/*.test.{ts,tsx}"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    execArgv: ["--conditions=trueline-source"],
  },
});
