/** What VitePress calls `DefaultTheme.SidebarItem`, as far as it is used here. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
  readonly collapsed?: boolean;
}
