import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import ThreePairs from './components/ThreePairs.vue';
import ComparePictures from './lab/ComparePictures.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('ThreePairs', ThreePairs);
    app.component('ComparePictures', ComparePictures);
  },
} satisfies Theme;
