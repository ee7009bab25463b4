"""What surfaces are made of: colour, how metallic, how rough, how much clear coat."""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["FINISHES", "MATERIALS", "PAINT_COLOURS", "Material", "find_material"]


@dataclass(frozen=True)
class Material:
    """colour: sRGB, 0 to 1; metallic and roughness: 0 to 1; coat: strength of a smooth clear layer on top."""

    colour: tuple[float, float, float]
    metallic: float = 0.0
    roughness: float = 0.5
    coat: float = 0.0

    @property
    def albedo(self) -> np.ndarray:
        """(3,) linear RGB."""
        return np.asarray(self.colour) ** 2.2


PAINT_COLOURS = {
    "red": (0.62, 0.09, 0.08),
    "navy": (0.09, 0.13, 0.27),
    "teal": (0.09, 0.36, 0.37),
    "black": (0.07, 0.07, 0.075),
    "cream": (0.83, 0.78, 0.66),
    "green": (0.10, 0.26, 0.17),
    "orange": (0.80, 0.36, 0.10),
    "silver": (0.66, 0.67, 0.69),
    "sky": (0.42, 0.60, 0.72),
    "burgundy": (0.33, 0.07, 0.11),
    "white": (0.85, 0.85, 0.84),
    "grey": (0.33, 0.34, 0.35),
    "yellow": (0.82, 0.66, 0.12),
    "pink": (0.75, 0.42, 0.50),
    "brown": (0.30, 0.20, 0.14),
    "lime": (0.52, 0.70, 0.14),
    "purple": (0.28, 0.16, 0.36),
}

# How paint is finished: metallic, roughness, coat. Worn paint is chalky: years of sun have eaten its coat.
FINISHES = {
    "gloss": (0.0, 0.45, 1.0),
    "matt": (0.0, 0.62, 0.08),
    "metallic": (0.55, 0.38, 1.0),
    "worn": (0.0, 0.70, 0.30),
}

MATERIALS = {
    "aluminium": Material((0.80, 0.80, 0.81), metallic=1.0, roughness=0.32),
    "amber": Material((0.90, 0.46, 0.08), roughness=0.2, coat=1.0),
    "black_leather": Material((0.09, 0.085, 0.085), roughness=0.55, coat=0.25),
    "black_metal": Material((0.085, 0.085, 0.09), roughness=0.42, coat=0.35),
    "black_plastic": Material((0.07, 0.07, 0.07), roughness=0.6),
    "black_rim": Material((0.075, 0.075, 0.08), roughness=0.35, coat=0.4),
    "brown_leather": Material((0.43, 0.26, 0.15), roughness=0.5, coat=0.3),
    "carbon": Material((0.075, 0.075, 0.08), metallic=0.3, roughness=0.35, coat=1.0),
    "chain": Material((0.46, 0.45, 0.43), metallic=1.0, roughness=0.42),
    "chrome": Material((0.88, 0.88, 0.89), metallic=1.0, roughness=0.10),
    "red_plastic": Material((0.68, 0.05, 0.05), roughness=0.2, coat=1.0),
    "rubber": Material((0.10, 0.10, 0.10), roughness=0.8),
    "gold_stanchion": Material((0.62, 0.47, 0.26), metallic=1.0, roughness=0.2),
    "black_stanchion": Material((0.12, 0.12, 0.125), metallic=0.6, roughness=0.12, coat=0.6),
    "lens": Material((0.72, 0.74, 0.75), metallic=0.6, roughness=0.2, coat=1.0),
    "spoke_steel": Material((0.52, 0.52, 0.53), metallic=0.7, roughness=0.42),
    "stanchion": Material((0.80, 0.79, 0.78), metallic=1.0, roughness=0.12),
    **{f"{name}_paint": Material(colour, roughness=0.45, coat=1.0) for name, colour in PAINT_COLOURS.items()},
    "canvas": Material((0.70, 0.64, 0.52), roughness=0.95),
    "cloth": Material((0.24, 0.25, 0.27), roughness=0.95),
    "cover_cloth": Material((0.14, 0.42, 0.62), roughness=0.6),
    "cream_rubber": Material((0.76, 0.70, 0.58), roughness=0.8),
    "crate_plastic": Material((0.12, 0.30, 0.46), roughness=0.5),
    "dark_cloth": Material((0.11, 0.115, 0.125), roughness=0.95),
    "grey_plastic": Material((0.36, 0.37, 0.39), roughness=0.5),
    "leaf": Material((0.16, 0.30, 0.10), roughness=0.7),
    "tan_rubber": Material((0.60, 0.48, 0.35), roughness=0.8),
    "white_plastic": Material((0.84, 0.84, 0.83), roughness=0.45),
    "white_rim": Material((0.84, 0.84, 0.83), roughness=0.35, coat=0.4),
    "white_tape": Material((0.80, 0.79, 0.76), roughness=0.75),
    "wicker": Material((0.55, 0.40, 0.24), roughness=0.85),
    "steel": Material((0.74, 0.74, 0.75), metallic=1.0, roughness=0.26),
    "tape": Material((0.085, 0.085, 0.09), roughness=0.75),
    "tyre": Material((0.105, 0.105, 0.108), roughness=0.82),
    # Of the surroundings:
    "bark": Material((0.33, 0.27, 0.22), roughness=0.95),
    "cardboard": Material((0.60, 0.47, 0.33), roughness=0.9),
    "galvanised": Material((0.62, 0.63, 0.64), metallic=0.8, roughness=0.5),
    "glass": Material((0.06, 0.07, 0.075), roughness=0.1, coat=1.0),
    "stone": Material((0.52, 0.50, 0.47), roughness=0.9),
    "wood": Material((0.52, 0.40, 0.28), roughness=0.8),
}


def find_material(name: str, paint: str, finish: str = "gloss") -> Material:
    """The material of that name; `paint` and `mudguard` take the bike's own colour, `paint` its finish too."""
    if name not in ("paint", "mudguard"):
        return MATERIALS[name]
    metallic, roughness, coat = FINISHES[finish if name == "paint" else "gloss"]
    material = Material(PAINT_COLOURS[paint], metallic, roughness, coat)
    if finish == "worn":  # faded towards grey
        grey = sum(material.colour) / 3 * 0.5 + 0.22
        return replace(material, colour=tuple(0.72 * each + 0.28 * grey for each in material.colour))
    return replace(material, metallic=0.5) if paint == "silver" else material
