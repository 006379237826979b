/** Has the stylesheets that came as ones for print hold for the screen, once each of them is there or can't be had. */
export async function takeUpStylesheets(page: Document): Promise<void> {
  const links = [...page.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"][media="print"]')]
  await Promise.all(links.map(takenUp))
}

async function takenUp(link: HTMLLinkElement): Promise<void> {
  if (link.sheet === null) {
    await new Promise<void>((resolve) => {
      for (const outcome of ['load', 'error']) link.addEventListener(outcome, () => { resolve() }, { once: true })
    })
  }
  link.media = 'all'
}
