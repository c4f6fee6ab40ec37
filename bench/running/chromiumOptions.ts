/** How headless Chromium is started, here and in the browser tests: it asks nobody for anything, and has WebGPU. */
export const chromiumOptions = {
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-unsafe-webgpu',
  ],
};

/**
 * The environment in which a program that uses Vulkan finds the loader and the software renderer that Debian's Chromium
 * brings along. The renderer comes after GPUs, where there are any.
 */
export const softwareVulkan = {
  LD_LIBRARY_PATH: '/usr/lib/chromium',
  VK_ADD_DRIVER_FILES: '/usr/lib/chromium/vk_swiftshader_icd.json',
};
