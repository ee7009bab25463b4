"""The measures of one bike, in metres and degrees, and what it carries."""

from dataclasses import dataclass

__all__ = ["BikeDesign"]


@dataclass(frozen=True)
class BikeDesign:
    """All that sets one bike apart from another. See `bike_types.BIKE_TYPES` for where each type starts from."""

    bike_type: str
    frame: str  # a name in frame.FRAMES
    bead_seat: float  # diameter where the tyre meets the rim, the second number of an ETRTO size
    tyre_radius: float
    rim_depth: float
    spokes: int
    chainstay: float
    bottom_bracket_drop: float  # below the axles; negative above them
    seat_angle: float
    head_angle: float
    seat_tube: float
    stack: float  # bottom bracket to the top of the head tube, upwards
    reach: float  # the same, forwards
    fork_rake: float
    fork_length: float  # axle to crown
    tube_radius: float  # of the seat tube
    saddle_height: float  # bottom bracket to the top of the saddle, along the seat tube
    top_tube_slope: float  # drop from head tube to seat tube
    handlebar: str  # a name in handlebar.SHAPES
    stem_rise: float  # head tube to the middle of the bar, along the steering axis
    stem_length: float  # the same, ahead of it
    crank_length: float
    ring_radius: float
    largest_sprocket: float  # radius
    down_tube_share: float = 1.18  # half the down tube's height as a multiple of tube_radius
    gears: str = "derailleur"  # or "single": one sprocket, its gears, if any, inside the hub
    sprockets: int = 8
    brakes: str = "rim"  # "disc", "rim", or "back_pedal": only the rear hub, and nothing to be seen
    has_front_brake: bool = True
    shock: str = "air"  # or "coil"
    fork: str = "rigid"  # or "suspension"
    tread: str = "slick"  # "knobbly", "ribbed"
    paint: str = "red"
    second_paint: str = "red"
    livery: str = "plain"  # a name in livery.LIVERIES: what bears the second paint
    finish: str = "gloss"  # a name in materials.FINISHES
    decal: str = "white"
    has_bands: bool = False  # around the seat tube, in the decal's colour
    word: str = "ROAM"  # on the down tube; may be none
    font: int = 0  # of all words, see lettering.py
    tyre_word: str = ""
    rim_word: str = ""
    has_tyre_stripes: bool = False  # that reflect
    stickers: tuple[int, ...] = ()  # a seed each
    rim: str = "aluminium"  # a material, as the next four
    spoke: str = "spoke_steel"
    tyre_wall: str = "tyre"
    stanchion: str = "stanchion"  # of a suspension fork: the material of its tubes, and of its legs
    fork_legs: str = "black_metal"
    saddle: str = "black_leather"
    grips: str = "rubber"
    metal: str = "black_metal"  # of stem, post and cranks
    saddle_shape: str = "sport"  # or "city": wide, on springs
    pedals: str = "flat"  # "platform", "clipless"
    mudguard: str = "mudguard"  # a material, as the next three; "mudguard" is the bike's own paint
    rack: str = "black_metal"
    basket: str = "black_metal"  # of wire, but for "wicker"
    luggage: str = "dark_cloth"  # a material, as the next three: of bags and panniers
    crate: str = "crate_plastic"
    helmet: str = "white_plastic"
    saddle_cover: str = "cover_cloth"
    reflector: str = "amber"
    bottle: str = "white_plastic"
    has_mudguards: bool = False
    has_rack: bool = False
    has_stand: bool = False
    has_chain_guard: bool = False
    has_basket: bool = False
    has_child_seat: bool = False
    has_lamps: bool = False
    has_bottle_cage: bool = False
    has_bottle: bool = False
    has_frame_lock: bool = False
    has_bell: bool = False
    has_reflectors: bool = False
    has_stabilisers: bool = False
    has_pegs: bool = False
    distractors: tuple[str, ...] = ()  # names in distractors.DISTRACTORS: odd, and no damage
    crank_angle: float = -15.0  # of the right crank, from straight ahead, upwards positive
    steering: float = 0.0  # degrees to the left, see steering.py

    @property
    def wheel_radius(self) -> float:
        """To the outside of the tyre."""
        return self.bead_seat / 2 + 2 * self.tyre_radius

    @property
    def rim_radius(self) -> float:
        """To the rim's outer edge, which stands a little above the bead's seat."""
        return self.wheel_radius - 1.75 * self.tyre_radius

    @property
    def chain_line(self) -> float:
        """y of chain and chainring: to the right, further out where the tyre is fat."""
        return -max(0.043, self.tyre_radius + 0.024)
