// Builds the widget into api/static/widget (or the folder given), with data/helplines.yml inside. Same sources, same bytes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");
const outdir = resolve(process.argv[2] ?? join(root, "api/static/widget"));
const SHOWN = ["emergency-999", "nhs-111-mental-health", "samaritans", "shout"];

const styles = {
  name: "styles",
  setup(plugin) {
    plugin.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target: "chrome123" });
      return { contents: `export default ${JSON.stringify(code.trim())}`, loader: "js" };
    });
  },
};

const helplines = {
  name: "helplines",
  setup(plugin) {
    plugin.onResolve({ filter: /^virtual:helplines$/ }, ({ path }) => ({ path, namespace: "helplines" }));
    plugin.onLoad({ filter: /.*/, namespace: "helplines" }, () => {
      const all = parse(readFileSync(join(root, "data/helplines.yml"), "utf8")).helplines;
      const shown = SHOWN.map((id) => {
        const one = all.find((line) => line.id === id);
        if (!one) throw new Error(`data/helplines.yml has no '${id}'`);
        return { name: one.name, phone: one.phone, sms: one.sms, option: one.option };
      });
      return { contents: JSON.stringify(shown), loader: "json" };
    });
  },
};

const built = await build({
  write: false,
  entryPoints: {
    "handrail-chat": join(here, "src/element.ts"),
    "handrail-embed": join(here, "src/embed.ts"),
    "handrail-frame": join(here, "src/frame.ts"),
    "handrail-gallery": join(here, "gallery/gallery.ts"),
  },
  outdir,
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox124", "safari17.5"],
  legalComments: "none",
  charset: "utf8",
  banner: { js: "/* Handrail, Apache-2.0. With Lit, BSD-3-Clause, Copyright Google LLC. */" },
  plugins: [styles, helplines],
  logLevel: "warning",
});

// Once minified, only Lit's templates still hold line breaks, with the indent of the source: a space does as well.
mkdirSync(outdir, { recursive: true });
for (const file of built.outputFiles) writeFileSync(join(outdir, basename(file.path)), file.text.replace(/\n\s+/g, " "));
