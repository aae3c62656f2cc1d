#pragma once

// Where the user's lines come from.

#include <string_view>

#include "modes/client/line_input.h"

namespace netchat::connect {

// Loop thread only.
class Input {
  public:
    // Told of each line, of those beyond limits::kTextBytesMax, and of the end.
    class Reader : public client::LineInput::Reader {
      public:
        // In place of onLine(): a text whose beginning was pasted, which may have several lines. It
        // is said, never run.
        virtual void onPasted(std::string_view text) { onLine(text); }

      protected:
        ~Reader() = default;
    };

    virtual ~Input() = default;
    // The reader must outlive this object or its pause.
    virtual void start(Reader& reader) = 0;
    // While it is paused nothing is read: the writer of a pipe waits.
    virtual void setPaused(bool paused) = 0;
};

}  // namespace netchat::connect
