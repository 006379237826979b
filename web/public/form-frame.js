// Shows what a form's script drew, and tells what a person does to it. It stands in a sandboxed frame of no origin: it can reach
// neither the page nor its storage, and its policy lets it load and send nothing.
(function () {
  'use strict'
  var own = document.currentScript
  var secret = own.dataset.secret
  var origin = own.dataset.origin
  var EVENTS = ['click', 'dblclick', 'input', 'change']

  function numberOf(node) {
    var marked = node instanceof Element ? node.closest('[data-node]') : null
    return marked === null ? 0 : Number(marked.dataset.node)
  }

  function tell(message) {
    message.secret = secret
    window.parent.postMessage(message, origin)
  }

  function measure() {
    tell({ kind: 'height', height: Math.ceil(document.body.getBoundingClientRect().height) })
  }

  window.addEventListener('message', function (event) {
    var said = event.data
    if (event.source !== window.parent || event.origin !== origin || !said || said.secret !== secret || typeof said.html !== 'string') return
    document.body.innerHTML = said.html
    measure()
  })
  EVENTS.forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (type === 'click') event.preventDefault()
      var node = numberOf(event.target)
      if (node === 0 || !event.isTrusted) return
      tell({ kind: 'event', node: node, type: type, value: typeof event.target.value === 'string' ? event.target.value : '', checked: event.target.checked === true })
    }, true)
  })
  new ResizeObserver(measure).observe(document.body)
  tell({ kind: 'ready' })
})()
