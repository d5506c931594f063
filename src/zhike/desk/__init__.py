"""The shell: addresses, base templates, components, navigation, workbench, settings and the mount of the API."""
