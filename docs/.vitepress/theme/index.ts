import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import ThreePairs from './components/ThreePairs.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('ThreePairs', ThreePairs);
  },
} satisfies Theme;
