from . import test_tour_chain
