declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}

/** The address of a file that the bundler copies. */
declare module '*?url' {
  const address: string;
  export default address;
}
