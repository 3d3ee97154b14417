"""Whether a text's figures, dates and names stand in its sources. Rules and CLDR, no model."""
