// Bundles src/ into dist/, which is committed: building Sharpwave needs no Node. What the report's page has too is taken
// from there, and draws with the uPlot of this folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const uplot = join(import.meta.dirname, "node_modules", "uplot");
const licence = readFileSync(join(uplot, "LICENSE"), "utf8").trim();

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { page: "src/main.js" },
  bundle: true, minify: true, charset: "ascii", legalComments: "none", format: "iife",
  alias: { uplot },
  target: ["chrome111", "firefox115", "safari16.4"], outdir: "dist",
  banner: { js: `/* Contains uPlot.\n${licence} */` },
});
await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { page: "src/page.css" },
  bundle: true, minify: true, charset: "ascii", alias: { uplot }, target: ["chrome111", "firefox115", "safari16.4"], outdir: "dist",
});
