#pragma once

// The usual palette of 256 colours: 16 that have names, a cube of 6 x 6 x 6, 24 greys. Pure
// functions, any thread.

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

// The colour of a palette of 256, 16 or 8 that is nearest to an RGB one; of fewer colours the
// default, and a colour that is not RGB as it is. Of the 256 it is never one of the first 16, whose
// looks are the theme's.
Color nearestColor(Color rgb, int colors);

// What a colour of the palette looks like: xterm's own; other terminals differ a little, and
// people's themes a lot.
Color rgbOf(Color palette);

}  // namespace netchat::connect
