import '@fontsource-variable/inter'
import 'element-plus/dist/index.css'
import './theme.css'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n'
import { queryClient } from './queryClient'
import { router } from './router'
import { takeUpStylesheets } from './stylesheets'

const app = createApp(App).use(VueQueryPlugin, { queryClient }).use(i18n).use(router)
// The start screen stays until there is a page to show in its place, or none can be had.
void Promise.allSettled([router.isReady(), takeUpStylesheets(document)]).then(() => app.mount('#app'))
