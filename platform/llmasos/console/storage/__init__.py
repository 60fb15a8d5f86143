"""Where the room goes: disk, folders, tables, backups; what an organisation holds."""
