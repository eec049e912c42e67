// Managers' pages work without this; it switches on what GOV.UK Frontend adds.
import { initAll } from '/static/vendor/govuk-frontend/govuk-frontend.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
