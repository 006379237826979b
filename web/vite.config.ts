import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where `npm run dev` and `npm run preview` find the server. */
const server = process.env.TRUNKLINE_SERVER ?? 'http://127.0.0.1:8080'
const proxy = Object.fromEntries(
  ['/v1', '/api', '/oauth', '/.well-known', '/systems'].map((prefix) => [prefix, { target: server }]),
)

/** Browsers draw nothing before the stylesheets of a page have come, unless they are of another medium: `app/stylesheets.ts` takes them up. */
const stylesheetsThatHoldUpNothing: Plugin = {
  name: 'stylesheets-that-hold-up-nothing',
  transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll('<link rel="stylesheet"', '<link rel="stylesheet" media="print"') },
}

export default defineConfig({
  plugins: [
    vue(),
    stylesheetsThatHoldUpNothing,
    // Element Plus components are imported where a template names them; its stylesheet is imported once, in main.ts.
    components({ dirs: [], dts: 'components.d.ts', resolvers: [ElementPlusResolver({ importStyle: false })] }),
  ],
  resolve: {
    alias: [
      { find: '@', replacement: here('./src') },
      { find: /^ajv(-formats)?$/, replacement: here('./src/shared/forms/withoutAjv.ts') },
    ],
  },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    target: 'es2022',
    rollupOptions: { input: { index: here('./index.html'), 'try-plugin': here('./try-plugin.html') } },
    assetsInlineLimit: 0, // the content security policy allows files of our own origin, not data: addresses
    chunkSizeWarningLimit: 700,
  },
  server: { proxy },
  preview: { proxy },
  test: {
    environment: 'node', // a test that needs a page says so in its first line: jsdom takes longer than most tests
    include: ['src/**/*.spec.ts'],
    server: { deps: { inline: ['element-plus', /@jsonforms/] } },
  },
})
