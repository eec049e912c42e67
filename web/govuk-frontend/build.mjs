// Builds api/static/vendor/govuk-frontend/ from npm's govuk-frontend: style sheet in Arial, script as published without the link to its map.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileString } from 'sass'

const here = fileURLToPath(new URL('.', import.meta.url))
const target = `${here}../../api/static/vendor/govuk-frontend/`
const source = '@use "govuk-frontend/dist/govuk" with ($govuk-font-family: (arial, sans-serif), $govuk-assets-path: "/static/vendor/govuk-frontend/");'
const { css } = compileString(source, { loadPaths: [`${here}node_modules`], style: 'compressed', quietDeps: true })

mkdirSync(target, { recursive: true })
writeFileSync(`${target}govuk-frontend.css`, `${css}\n`)
const script = readFileSync(`${here}node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js`, 'utf8')
writeFileSync(`${target}govuk-frontend.js`, script.replace(/\n?\/\/# sourceMappingURL=.*$/m, '\n'))
