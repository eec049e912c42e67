// Takes the one-time code out of the address (it stands behind the #, so it was never sent) and signs in with it.
const code = location.hash.slice(1)
if (code) {
  history.replaceState(null, '', location.pathname + location.search)
  document.getElementById('code').value = code
  document.getElementById('code-form').requestSubmit()
}
