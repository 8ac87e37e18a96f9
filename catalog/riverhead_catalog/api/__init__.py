"""Riverhead's own API, `/api/v2`: what Marquez's shapes cannot say."""
