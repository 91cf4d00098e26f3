"""Foreign systems as components: scikit-learn classifiers, Keras networks, programs that speak ms."""
