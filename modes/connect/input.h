#pragma once

// Where the user's lines come from.

#include "modes/client/line_input.h"

namespace netchat::connect {

// Loop thread only.
class Input {
  public:
    // Told of each line, of those beyond limits::kTextBytesMax, and of the end.
    using Reader = client::LineInput::Reader;

    virtual ~Input() = default;
    // The reader must outlive this object or its pause.
    virtual void start(Reader& reader) = 0;
    // While it is paused nothing is read: the writer of a pipe waits.
    virtual void setPaused(bool paused) = 0;
};

}  // namespace netchat::connect
