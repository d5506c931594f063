"""What every stage leans on: people, rights, scopes, sealed fields, audit, jobs, pages, slots, lake sync."""
