#pragma once

// Where the user's lines come from.

#include <string_view>

namespace netchat::connect {

// Loop thread only.
class Input {
  public:
    class Reader {
      public:
        // Without its newline; valid until it returns.
        virtual void onLine(std::string_view line) = 0;
        // A line beyond limits::kTextBytesMax, which was not kept.
        virtual void onLongLine() = 0;
        // Nothing follows.
        virtual void onInputEnd() = 0;

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
