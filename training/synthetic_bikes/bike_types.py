"""The types of bike: a typical bike of each, its sizes those of a medium frame in makers' geometry tables."""

from training.synthetic_bikes.measures import BikeDesign

__all__ = ["BEAD_SEATS", "BIKE_TYPES", "WHEEL_SIZES"]

# Wheel size in inches, as it is called in a shop: bead seat diameter in metres (ISO 5775).
BEAD_SEATS = {
    12: 0.203,
    14: 0.254,
    16: 0.305,
    18: 0.355,
    20: 0.406,
    24: 0.507,
    26: 0.559,
    27.5: 0.584,
    28: 0.622,
    29: 0.622,
}

WHEEL_SIZES = {
    "bmx": (20,),
    "city": (28, 28, 26),
    "folding": (20, 20, 16),
    "full_suspension": (29, 27.5, 26),
    "kids": (12, 14, 16, 18, 20, 24),
    "mountain": (29, 29, 27.5, 26),
    "road": (28,),
    "step_through": (28, 28, 26),
    "trekking": (28,),
}

BIKE_TYPES = {
    "bmx": BikeDesign(
        "bmx", "diamond", 0.406, 0.0255, 0.020, 36, chainstay=0.358, bottom_bracket_drop=-0.035, seat_angle=71.0,
        head_angle=74.5, seat_tube=0.235, stack=0.375, reach=0.410, fork_rake=0.032, fork_length=0.318,
        tube_radius=0.0180, saddle_height=0.325, top_tube_slope=0.155, handlebar="bmx", stem_rise=0.030,
        stem_length=0.050, crank_length=0.175, ring_radius=0.052, largest_sprocket=0.022, gears="single",
        has_front_brake=False, tread="ribbed", rim="black_rim", pedals="platform",
    ),
    "city": BikeDesign(
        "city", "diamond", 0.622, 0.0195, 0.018, 36, chainstay=0.455, bottom_bracket_drop=0.060, seat_angle=71.0,
        head_angle=70.0, seat_tube=0.54, stack=0.615, reach=0.375, fork_rake=0.058, fork_length=0.400,
        tube_radius=0.0150, saddle_height=0.70, top_tube_slope=0.02, handlebar="city", stem_rise=0.085,
        stem_length=0.07, crank_length=0.170, ring_radius=0.089, largest_sprocket=0.040, gears="single",
        saddle="brown_leather", grips="brown_leather", metal="aluminium", saddle_shape="city", pedals="flat",
        has_mudguards=True, has_rack=True, has_stand=True, has_lamps=True, has_bell=True, has_reflectors=True,
    ),
    "folding": BikeDesign(
        "folding", "folding", 0.406, 0.0200, 0.018, 28, chainstay=0.405, bottom_bracket_drop=-0.045, seat_angle=71.5,
        head_angle=72.5, seat_tube=0.270, stack=0.300, reach=0.415, fork_rake=0.035, fork_length=0.285,
        tube_radius=0.0200, saddle_height=0.690, top_tube_slope=0.0, handlebar="flat", stem_rise=0.430,
        stem_length=0.015, crank_length=0.170, ring_radius=0.096, largest_sprocket=0.052, sprockets=7,
        metal="aluminium", has_mudguards=True, has_stand=True, has_lamps=True, has_reflectors=True, has_bell=True,
    ),
    "full_suspension": BikeDesign(
        "full_suspension", "full_suspension", 0.622, 0.0290, 0.020, 32, chainstay=0.440, bottom_bracket_drop=0.030,
        seat_angle=75.0, head_angle=66.0, seat_tube=0.43, stack=0.615, reach=0.445, fork_rake=0.044,
        fork_length=0.545, tube_radius=0.0215, saddle_height=0.72, top_tube_slope=0.15, handlebar="riser",
        stem_rise=0.035, stem_length=0.045, crank_length=0.172, ring_radius=0.066, largest_sprocket=0.096,
        sprockets=10, brakes="disc", fork="suspension", tread="knobbly", rim="black_rim", pedals="platform",
    ),
    "kids": BikeDesign(
        "kids", "diamond", 0.305, 0.0235, 0.016, 20, chainstay=0.295, bottom_bracket_drop=0.000, seat_angle=70.0,
        head_angle=69.5, seat_tube=0.225, stack=0.315, reach=0.270, fork_rake=0.028, fork_length=0.250,
        tube_radius=0.0150, saddle_height=0.310, top_tube_slope=0.10, handlebar="riser", stem_rise=0.055,
        stem_length=0.035, crank_length=0.102, ring_radius=0.056, largest_sprocket=0.034, gears="single",
        tread="ribbed", metal="aluminium", has_chain_guard=True, has_bell=True, has_reflectors=True,
    ),
    "mountain": BikeDesign(
        "mountain", "diamond", 0.622, 0.0285, 0.018, 32, chainstay=0.438, bottom_bracket_drop=0.055, seat_angle=73.5,
        head_angle=67.5, seat_tube=0.43, stack=0.625, reach=0.430, fork_rake=0.046, fork_length=0.525,
        tube_radius=0.0200, saddle_height=0.70, top_tube_slope=0.13, handlebar="riser", stem_rise=0.035,
        stem_length=0.07, crank_length=0.172, ring_radius=0.066, largest_sprocket=0.092, sprockets=9, brakes="disc",
        fork="suspension", tread="knobbly", rim="black_rim", pedals="platform", has_bottle_cage=True,
    ),
    "road": BikeDesign(
        "road", "diamond", 0.622, 0.0135, 0.025, 24, chainstay=0.412, bottom_bracket_drop=0.070, seat_angle=73.0,
        head_angle=72.5, seat_tube=0.52, stack=0.565, reach=0.385, fork_rake=0.045, fork_length=0.372,
        tube_radius=0.0165, saddle_height=0.715, top_tube_slope=0.03, handlebar="drop", stem_rise=0.035,
        stem_length=0.10, crank_length=0.172, ring_radius=0.101, largest_sprocket=0.056, sprockets=10,
        rim="black_rim", grips="tape", pedals="clipless", has_bottle_cage=True,
    ),
    "step_through": BikeDesign(
        "step_through", "step_through", 0.622, 0.0205, 0.018, 36, chainstay=0.465, bottom_bracket_drop=0.060,
        seat_angle=69.5, head_angle=69.0, seat_tube=0.46, stack=0.635, reach=0.365, fork_rake=0.060,
        fork_length=0.402, tube_radius=0.0170, saddle_height=0.66, top_tube_slope=0.0, handlebar="city",
        stem_rise=0.090, stem_length=0.06, crank_length=0.170, ring_radius=0.081, largest_sprocket=0.040,
        gears="single", saddle="brown_leather", grips="brown_leather", metal="aluminium", saddle_shape="city",
        has_mudguards=True, has_rack=True, has_stand=True, has_chain_guard=True, has_basket=True, has_lamps=True,
        has_bell=True, has_reflectors=True,
    ),
    "trekking": BikeDesign(
        "trekking", "diamond", 0.622, 0.0190, 0.020, 32, chainstay=0.450, bottom_bracket_drop=0.065, seat_angle=73.0,
        head_angle=70.5, seat_tube=0.51, stack=0.625, reach=0.385, fork_rake=0.050, fork_length=0.440,
        tube_radius=0.0180, saddle_height=0.71, top_tube_slope=0.05, handlebar="flat", stem_rise=0.050,
        stem_length=0.08, crank_length=0.172, ring_radius=0.089, largest_sprocket=0.066, sprockets=8,
        tread="ribbed", has_mudguards=True, has_rack=True, has_stand=True, has_lamps=True, has_bottle_cage=True,
        has_bell=True, has_reflectors=True,
    ),
}  # fmt: skip
